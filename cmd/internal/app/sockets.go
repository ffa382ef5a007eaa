package app

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/coreos/go-systemd/v22/activation"
)

// SocketsOfSystemd returns the sockets that systemd listens on for this process; none where it does not. What connects
// while no process runs waits there. It may be called once.
func SocketsOfSystemd() ([]net.Listener, error) {
	sockets, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("taking the sockets of systemd: %w", err)
	}
	if slices.Contains(sockets, nil) {
		return nil, errors.New("systemd passes something that is no stream socket: only ListenStream is understood in the socket unit")
	}
	return sockets, nil
}

// takeSocket takes the socket that listens at an address out of sockets; nil if there is none.
func takeSocket(sockets *[]net.Listener, address string) net.Listener {
	i := slices.IndexFunc(*sockets, func(l net.Listener) bool { return isAddress(l.Addr(), address) })
	if i < 0 {
		return nil
	}
	found := (*sockets)[i]
	*sockets = slices.Delete(*sockets, i, i+1)
	return found
}

// isAddress reports whether a socket listens at an address as the configuration writes it. Of the addresses that stand
// for all of a machine each is as good as the other.
func isAddress(socket net.Addr, address string) bool {
	at, isTCP := socket.(*net.TCPAddr)
	want, err := net.ResolveTCPAddr("tcp", address)
	if !isTCP || err != nil || at.Port != want.Port {
		return false
	}
	isAny := func(ip net.IP) bool { return ip == nil || ip.IsUnspecified() }
	return at.IP.Equal(want.IP) || isAny(at.IP) && isAny(want.IP)
}
