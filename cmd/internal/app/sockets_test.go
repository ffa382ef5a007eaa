package app

import (
	"net"
	"testing"
)

func TestASocketIsOfTheAddressInTheConfiguration(t *testing.T) {
	t.Parallel()
	v4, v6 := &net.TCPAddr{IP: net.IPv4zero, Port: 80}, &net.TCPAddr{IP: net.IPv6zero, Port: 80}
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	for _, c := range []struct {
		socket  net.Addr
		address string
		want    bool
	}{
		{v6, ":80", true}, {v4, ":80", true}, {v6, "0.0.0.0:80", true}, {v6, "[::]:80", true}, {v6, ":81", false},
		{loopback, "127.0.0.1:80", true}, {loopback, "localhost:80", true}, {loopback, ":80", false},
		{v6, "127.0.0.1:80", false}, {loopback, "127.0.0.2:80", false}, {loopback, "127.0.0.1:0", false},
		{&net.UnixAddr{Name: "/run/s", Net: "unix"}, ":80", false},
	} {
		if got := isAddress(c.socket, c.address); got != c.want {
			t.Errorf("the socket %s for %q: got %t, want %t", c.socket, c.address, got, c.want)
		}
	}
}
