package cli

// printJSON writes one indented JSON value to stdout.
func (c *cli) printJSON(v any) error { return printingError(c.stdout.EncodeJSON(v, "  ")) }

// writeJSON writes a JSON text to stdout as it is.
func (c *cli) writeJSON(body []byte) error { return printingError(c.stdout.WriteJSON(body)) }

// printingError makes the verb fail where its answer could not be printed.
func printingError(err error) error {
	if err != nil {
		return &exit{ExitFailed, err}
	}
	return nil
}
