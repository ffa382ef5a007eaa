package app

import (
	"errors"
	"net"
	"net/url"
)

// ConnectionFailure says why a connection failed, without the URL, which may hold a secret.
func ConnectionFailure(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}
