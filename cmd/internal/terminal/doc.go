// Package terminal prints for people: text, tables, colours and progress bars, on stdout or stderr.
//
// Names, numbers and codes come from the platform, and what a shop or a customer typed may steer a terminal or forge
// a line. So [Output] is no io.Writer: all that it prints is made visible first. Colours and widths follow from what
// the output is; off a terminal there are none, so that a file or a program gets plain lines.
package terminal
