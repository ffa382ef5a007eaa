package config

import (
	"errors"
	"fmt"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/plaintext"
)

// decodeFile is the text of a YAML file, whichever editor saved it. The problem says what is wrong with its bytes.
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

// nameFile is an error about a file whose lines begin with a place each: in all of them the file is named.
func nameFile(path string, err error) error {
	return fmt.Errorf("%s:%s", path, strings.ReplaceAll(err.Error(), "\n", "\n"+path+":"))
}

// decodeNamed is decodeFile with an error that names the file and the place, as those of policies and facts do.
func decodeNamed(path string, data []byte) ([]byte, error) {
	text, wrong := decodeFile(data)
	if wrong != nil {
		return nil, fmt.Errorf("%s:%d:%d: %s", path, wrong.at.Line, wrong.at.Column, wrong.text)
	}
	return text, nil
}
