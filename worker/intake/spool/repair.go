package spool

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// segmentName is how the library names its files: by the index of the first record.
var segmentName = regexp.MustCompile(`^[0-9]{20}$`)

// repairLog makes the files of a log such that the library can open them and finds the records under their indexes. What is
// damaged at the end, as after a power failure, is cut off; a file that is too short in the middle is filled with empty
// records, which are dropped when they are read. It returns how many bytes were damaged.
func repairLog(dir string) (damaged int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, e := range entries {
		switch name := e.Name(); {
		case segmentName.MatchString(name):
			names = append(names, name)
		case filepath.Ext(name) == ".TEMP": // the library died before it renamed it
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return 0, err
			}
		}
	}
	for i, name := range names {
		wanted := uint64(0) // records in the file
		if i < len(names)-1 {
			wanted = indexOf(names[i+1]) - indexOf(name)
		}
		n, err := repairSegment(filepath.Join(dir, name), wanted)
		if err != nil {
			return 0, err
		}
		damaged += n
	}
	return damaged, nil
}

func indexOf(name string) uint64 {
	index, _ := strconv.ParseUint(name, 10, 64) // the name was matched
	return index
}

// repairSegment repairs one file that holds wanted records; 0: it is the last, and ends with its last whole record.
func repairSegment(path string, wanted uint64) (damaged int64, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	count, readable, whole := uint64(0), 0, 0 // bytes that can be told apart as records, and up to the last one that is whole
	for wanted == 0 || count < wanted {
		size, n := binary.Uvarint(data[readable:])
		if n <= 0 || size > uint64(len(data)-readable-n) {
			break
		}
		end := readable + n + int(size)
		if _, ok := decodeRecord(data[readable+n : end]); ok {
			whole = end
		}
		readable, count = end, count+1
	}
	end := readable
	if wanted == 0 {
		end = whole
	}
	if end == len(data) && count >= wanted {
		return 0, nil
	}
	if err := os.Truncate(path, int64(end)); err != nil {
		return 0, err
	}
	if count < wanted { // a record of 0 bytes is one byte, its length
		if err := os.Truncate(path, int64(end)+int64(wanted-count)); err != nil {
			return 0, err
		}
	}
	return int64(len(data) - end), nil
}
