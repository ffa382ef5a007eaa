package plaintext

import (
	"fmt"
	"unicode"
)

// CheckDocument looks for what nobody sees in a YAML text, comments apart: a character without width makes a name
// another one, one that turns the direction of writing shows another text than is read, and a non-breaking space is no
// indentation. The error is a [Problem].
func CheckDocument(text string) error {
	line, column, indent, comment := 1, 0, true, false
	before := ' '
	for _, r := range text {
		if before == '\n' || before == '\r' && r != '\n' {
			line, column, indent, comment = line+1, 0, true, false
		}
		column++
		blank := r == ' ' || r == '\n' || r == '\r'
		comment = comment || r == '#' && (before == ' ' || before == '\t' || column == 1)
		switch {
		case comment || blank || r == '\t' || isJoiner(r):
		case indent && unicode.Is(unicode.Zs, r):
			return Problem{line, column, fmt.Sprintf("a space of another kind (U+%04X) at the beginning of the line; write a plain one", r)}
		case r == '\u0085' || unicode.In(r, unicode.Zl, unicode.Zp):
			return Problem{line, column, fmt.Sprintf("a line break of another kind (U+%04X); write a plain one", r)}
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return Problem{line, column, fmt.Sprintf("the invisible character U+%04X; take it out", r)}
		}
		indent = indent && blank
		before = r
	}
	return nil
}
