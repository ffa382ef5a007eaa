package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

// Limits of an import.
const (
	importMost  = 64 << 20 // bytes of a file
	importChunk = 20       // lines of one request: the progress bar moves every second or so
)

func (c *cli) importing() *cobra.Command {
	var at remote
	var location, organization, app, reason string
	command := &cobra.Command{
		Use: "import FILE | --location LOCATION", Short: "Fill the index with delivery orders from before its time",
		Long: "Fill the index with the delivery orders of the orders in FILE: order ids, one a line, or, with\n" +
			"--third-party-app, the references that a shop knows them by. Or repair what the index knows of one location.\n" +
			"An import that was interrupted goes on where it ended: run it again with the same file. What could not be read for\n" +
			"a reason that may pass is tried several times, then told; run again, the import asks for these lines only.\n\n" +
			"FILE is text, UTF-8 or UTF-16. There are no comments: #1001 is an order. Blank lines, repeated lines, space and\n" +
			"quotes around a value are left out. A table, or a column with its heading, is refused: keep the one column. A value\n" +
			"with a comma, a semicolon, a bar or a tab in it stands in double quotes.\n\n" +
			"It ends with 1 if a line failed, or if the platform shows none of them, or no delivery order of theirs.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (location != "") {
				return usageError("name a file or --location, one of them")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			if location != "" {
				return c.importLocation(cmd.Context(), a, api.ImportRequest{Organization: organization, Location: location, Reason: reason})
			}
			lines, list, err := c.readLines(args[0])
			if err != nil {
				return err
			}
			if reason == "" {
				reason = terminal.Plural(len(lines), "line") + " of " + filepath.Base(args[0])
			}
			chunk := api.ImportRequest{Organization: organization, List: list + app, ThirdPartyApp: app, Reason: reason}
			return (&listImport{c: c, a: a, chunk: chunk, lines: lines}).run(cmd.Context())
		},
	}
	at.flags(command)
	command.Flags().StringVar(&location, "location", "", "repair this location: slug or id")
	command.Flags().StringVar(&organization, "organization", "", "the organization, where several are configured")
	command.Flags().StringVar(&reason, "reason", "", "why, for the audit log; without it that tells what was imported")
	command.Flags().StringVar(&app, "third-party-app", "", "the lines are external references of this third-party application")
	return command
}

// readLines returns the lines of a list, and the digest that names it.
func (c *cli) readLines(path string) (lines []plaintext.Line, list string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", usageError("reading %s: %s", path, config.ReadFailure(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, importMost+1))
	if err != nil {
		return nil, "", usageError("reading %s: %s", path, config.ReadFailure(err))
	}
	if len(data) > importMost {
		return nil, "", usageError("%s has more than %d bytes; split it", path, importMost)
	}
	read, err := plaintext.ReadList(data)
	if err != nil {
		return nil, "", usageError("%s, nothing of it is imported:\n%w", path, err)
	}
	if n := len(read.Repeated); n > 0 {
		first := read.Repeated[0]
		c.stderr.Printf("Repeated lines, left out: %d (the first is %s in line %d).\n", n, plaintext.Exact(first.Value), first.Number)
	}
	sum := sha256.Sum256([]byte(strings.Join(valuesOf(read.Lines), "\n")))
	return read.Lines, hex.EncodeToString(sum[:]), nil
}

func valuesOf(lines []plaintext.Line) []string {
	values := make([]string, len(lines))
	for i, line := range lines {
		values[i] = line.Value
	}
	return values
}
