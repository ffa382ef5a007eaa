package main

// printJSON writes one indented JSON value to stdout.
func (c *cli) printJSON(v any) error { return printed(c.stdout.EncodeJSON(v, "  ")) }

// writeJSON writes a JSON text to stdout as it is.
func (c *cli) writeJSON(body []byte) error { return printed(c.stdout.WriteJSON(body)) }

// printed says that the verb failed where its answer could not be printed.
func printed(err error) error {
	if err != nil {
		return &exit{exitFailed, err}
	}
	return nil
}
