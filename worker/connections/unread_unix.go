//go:build unix

package connections

import (
	"net"
	"syscall"
)

// hasUnread reports whether something came on a connection that nobody has read yet.
func hasUnread(c net.Conn) bool {
	of, is := c.(syscall.Conn)
	if !is {
		return false
	}
	raw, err := of.SyscallConn()
	if err != nil {
		return false
	}
	unread := 0
	err = raw.Control(func(fd uintptr) { // Read would wait for who reads already
		var piece [1]byte
		unread, _, _ = syscall.Recvfrom(int(fd), piece[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && unread > 0
}
