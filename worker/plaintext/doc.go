// Package plaintext is for text that crosses our border.
//
// What people write comes in: [Decode] turns the bytes of a file into text, whatever editor or spreadsheet saved it,
// [ReadList] reads a list of one value a line, [CleanValue] a single value of a list that came by another way, and
// [CheckDocument] looks for characters in a configuration or a policy that nobody sees. A file that cannot be read for
// sure is refused, with the line, what was found there, and what to do; nothing of it is guessed, skipped or mended
// silently but what is invisible around a value.
//
// What others wrote goes out: order numbers, SKUs, names of locations and codes come from the platform, and what a shop
// or a customer typed is in them. [Printable] is such a text as one line for a terminal, a message or a table,
// [EscapeHidden] makes a whole JSON text, log or page harmless without changing what it says, [ShellWord] is an argument of a command that is offered
// for copying, and [Exact] quotes a value whose characters cannot all be seen.
package plaintext
