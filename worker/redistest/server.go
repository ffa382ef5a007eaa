package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// How a redis-server is started and stopped.
const (
	startTries   = 3 // another process may take the free port first
	maxStartWait = 5 * time.Second
	startLook    = 10 * time.Millisecond
	maxStopWait  = 10 * time.Second // to write what it holds, after SIGTERM
)

// StartServerAddr starts a redis-server on a free port of 127.0.0.1, in a directory of its own, and returns its
// address. It keeps nothing on disk unless options say so, which are options of its command line:
// "--appendonly", "yes".
func StartServerAddr(t testing.TB, options ...string) string {
	t.Helper()
	return StartServer(t, options...).Addr
}

// Server is a redis-server that a test may stop and start again over the same directory and port.
type Server struct {
	Addr string
	Dir  string // what it keeps on disk

	t         testing.TB
	binary    string
	arguments []string
	process   *os.Process
	ended     chan struct{} // closed once the process is gone
}

// StartServer starts a redis-server like Real does. It ends with the test, if it runs then.
func StartServer(t testing.TB, options ...string) *Server {
	t.Helper()
	return launchServer(t, func(s *Server, port string) []string {
		return append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", s.Dir, "--save", ""}, options...)
	})
}

// launchServer starts a server with the arguments that it takes at a free port.
func launchServer(t testing.TB, arguments func(s *Server, port string) []string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv(Require) == "1" {
		t.Fatalf("%s is 1 and there is no redis-server in PATH", Require)
	}
	if err != nil {
		t.Skipf("no redis-server in PATH; %s=1 makes this a failure", Require)
	}
	s := &Server{t: t, binary: binary, Dir: t.TempDir()}
	t.Cleanup(func() { s.endProcess(os.Kill) })
	for range startTries {
		port := strconv.Itoa(freePort(t))
		s.Addr = net.JoinHostPort("127.0.0.1", port)
		s.arguments = arguments(s, port)
		if s.startProcess() {
			return s
		}
	}
	t.Fatalf("redis-server did not start in %d tries", startTries)
	return nil
}

// Stop ends the server as an operator does, with SIGTERM: it writes what it holds. Nobody answers at Addr
// when it returns.
func (s *Server) Stop() {
	s.t.Helper()
	if !s.endProcess(syscall.SIGTERM) {
		s.t.Fatalf("redis-server did not end within %s", maxStopWait)
	}
}

// Kill ends the server as kill -9 does. Nobody answers at Addr when it returns.
func (s *Server) Kill() {
	s.t.Helper()
	if !s.endProcess(os.Kill) {
		s.t.Fatalf("redis-server did not end within %s", maxStopWait)
	}
}

// Signal sends a signal to a server that runs.
func (s *Server) Signal(signal os.Signal) {
	s.t.Helper()
	if err := s.process.Signal(signal); err != nil {
		s.t.Errorf("signalling redis-server: %v", err)
	}
}

// Start starts a stopped server again, over the same directory and at the same address.
func (s *Server) Start() {
	s.t.Helper()
	if !s.startProcess() {
		s.t.Fatalf("redis-server at %s did not start again", s.Addr)
	}
}

// startProcess starts the process; false if it ended by itself or does not answer.
func (s *Server) startProcess() bool {
	s.t.Helper()
	server := exec.Command(s.binary, s.arguments...)
	if err := server.Start(); err != nil {
		s.t.Fatalf("starting redis-server: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // ended by us, or the port was taken: both are told by ended
		close(ended)
	}()
	s.process, s.ended = server.Process, ended
	if awaitAnswer(s.Addr, server.Process.Pid, ended) {
		return true
	}
	s.endProcess(os.Kill)
	return false
}

// endProcess sends the signal and waits until the process is gone; false if it does not go.
func (s *Server) endProcess(signal os.Signal) bool {
	if s.process == nil {
		return true
	}
	_ = s.process.Signal(signal) // that it ended already is fine
	select {
	case <-s.ended:
		s.process = nil
		return true
	case <-time.After(maxStopWait):
		return false
	}
}

// awaitAnswer waits until the server of that process id answers at addr. Another one at the same port is not
// taken for it.
func awaitAnswer(addr string, pid int, ended <-chan struct{}) bool {
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	for end := time.Now().Add(maxStartWait); time.Now().Before(end); {
		info := client.InfoMap(context.Background(), "server")
		if info.Err() == nil {
			return info.Item("Server", "process_id") == strconv.Itoa(pid)
		}
		select {
		case <-ended:
			return false
		case <-time.After(startLook):
		}
	}
	return false
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("looking for a free port: %v", err)
	}
	defer func() { _ = listener.Close() }() // only its number was wanted
	return listener.Addr().(*net.TCPAddr).Port
}
