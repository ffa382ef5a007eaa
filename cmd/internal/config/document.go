package config

import (
	"errors"
	"fmt"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/plaintext"
)

// decodeFile decodes the bytes of a YAML file, whichever editor saved it. The problem says what is wrong with them.
func decodeFile(data []byte) ([]byte, *problem) {
	text, err := plaintext.Decode(data)
	if err == nil {
		err = plaintext.CheckDocument(text)
	}
	var wrong plaintext.Problem
	switch {
	case errors.As(err, &wrong):
		return nil, &problem{at: strictyaml.Node{Line: max(1, wrong.Line), Column: max(1, wrong.Column)}, text: wrong.Text}
	case err != nil:
		return nil, &problem{at: strictyaml.Node{Line: 1, Column: 1}, text: err.Error()}
	}
	return []byte(text), nil
}

// nameFile adds the file's name to each line of an error whose lines begin with line and column.
func nameFile(path string, err error) error {
	return fmt.Errorf("%s:%s", path, strings.ReplaceAll(err.Error(), "\n", "\n"+path+":"))
}

// decodeNamed is decodeFile with an error that names the file, the line and the column.
func decodeNamed(path string, data []byte) ([]byte, error) {
	text, wrong := decodeFile(data)
	if wrong != nil {
		return nil, fmt.Errorf("%s:%d:%d: %s", path, wrong.at.Line, wrong.at.Column, wrong.text)
	}
	return text, nil
}
