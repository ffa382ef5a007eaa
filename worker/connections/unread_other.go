//go:build !unix

package connections

import "net"

// hasUnread cannot be told here.
func hasUnread(net.Conn) bool { return false }
