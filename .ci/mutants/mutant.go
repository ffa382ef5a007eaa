package main

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// mutant is one small change of the code that a test should notice.
type mutant struct {
	id   int
	file string // slash path from the root of the module
	line int
	// key names the mutant however lines move: the file, the function or variable, and the changed line with the change
	// in it. The second of the same key ends in #2.
	key  string
	edit string // of a script only: its file, from-to and the new text, as mutantFiles reads it
}

func (m *mutant) String() string { return m.key }

// mutants collects what was found, in the order in which it was found.
type mutants struct {
	all  []*mutant
	keys map[string]int
}

// add makes a mutant: source[from:to] of the file, inside of where, becomes with.
func (all *mutants) add(file, where, source string, from, to int, with string) *mutant {
	key := file + " " + where + ": " + changed(source, from, to, with)
	if all.keys == nil {
		all.keys = map[string]int{}
	}
	all.keys[key]++
	if n := all.keys[key]; n > 1 {
		key = fmt.Sprintf("%s #%d", key, n)
	}
	m := &mutant{id: len(all.all) + 1, file: file, line: 1 + strings.Count(source[:from], "\n"), key: key}
	all.all = append(all.all, m)
	return m
}

const shownMost = 60 // bytes of a change

// changed is the line of a change, as "before [old → new] after", with single spaces.
func changed(source string, from, to int, with string) string {
	begin := strings.LastIndexByte(source[:from], '\n') + 1
	end := len(source)
	if n := strings.IndexByte(source[to:], '\n'); n >= 0 {
		end = to + n
	}
	old := shortened(source[from:to])
	if with == "" {
		with = "nothing"
	}
	text := source[begin:from] + "[" + old + " → " + with + "]" + source[to:end]
	return strings.Join(strings.Fields(text), " ")
}

// shortened is a text of at most shownMost bytes, on one line: the beginning of a longer one and what tells it apart.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= shownMost {
		return text
	}
	h := fnv.New32a()
	h.Write([]byte(text))
	cut := strings.ToValidUTF8(text[:shownMost], "")
	return fmt.Sprintf("%s... %08x", cut, h.Sum32())
}

// chosen says whether a mutant is in the share, one of so many, that a seed chooses.
func chosen(m *mutant, share int, seed string) bool {
	h := fnv.New64a()
	h.Write([]byte(seed + "\x00" + m.key))
	sum := h.Sum64()
	sum ^= sum >> 32 // the low bits of FNV are its weakest
	return sum%uint64(share) == 0
}
