// Package strictyaml turns the bytes of a YAML file into a tree of [Node] values, each with its place, so that whoever
// reads the tree can say of every mistake where it stands. Keys that are written twice stay in the tree: the reader
// refuses them. What could exhaust the program, size, tokens and depth, is refused before anything is built, and so is
// everything by which YAML refers, merges and retypes, unless the reader wants to refuse that itself.
//
// It is as pure as package policy, which reads its files with it: bytes in, a tree or problems out. The configuration
// is read with it too.
package strictyaml
