package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Everything here belongs to one user alone.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// format is the form in which this release writes a queue. A release that writes another has a higher number.
const format = 1

// The folders of queues: events that wait, and events that are kept because nobody could apply them.
const (
	waitingPrefix = "queue-"
	keptPrefix    = "kept-"
	newPrefix     = ".new-" // while it is being made
)

var queueName = regexp.MustCompile(`^(queue|kept)-[0-9]+-[0-9]+$`)

// head is what a queue says of itself, in its file head.json.
type head struct {
	Format   int    `json:"format"`
	Platform string `json:"platform"`
}

// Reasons why a folder is left alone.
var (
	errLocked  = errors.New("another process uses it")
	errForeign = errors.New("it is no queue of this program")
	errNewer   = errors.New("a newer release wrote it; start that release to have its events applied")
	errOther   = errors.New("its events are of another platform; start the worker with the configuration of that platform to have them applied")
)

// createQueue makes a new folder. It is locked before it has the name under which others find it.
func createQueue(dir, prefix, platform string, logger *slog.Logger) (*queue, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, err
	}
	name := strconv.FormatInt(time.Now().UnixNano(), 10) + "-" + strconv.Itoa(os.Getpid())
	q := &queue{path: filepath.Join(dir, newPrefix+name), logger: logger}
	if err := os.Mkdir(q.path, folderMode); err != nil {
		return nil, err
	}
	prepare := func() error {
		text, err := json.Marshal(head{Format: format, Platform: platform})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(q.path, "head.json"), append(text, '\n'), fileMode); err != nil {
			return err
		}
		if q.lock, err = lockFolder(q.path); err != nil {
			return err
		}
		final := filepath.Join(dir, prefix+name)
		if err := os.Rename(q.path, final); err != nil {
			return err
		}
		q.path = final
		if err := q.open(); err != nil {
			return err
		}
		return errors.Join(syncFolder(q.path), syncFolder(dir))
	}
	if err := prepare(); err != nil {
		_ = os.RemoveAll(q.path) // nothing is in it
		if q.lock != nil {
			_ = q.lock.Close()
		}
		return nil, err
	}
	return q, nil
}

// openQueue takes a folder over whose lock is free.
func openQueue(path, platform string, logger *slog.Logger) (*queue, error) {
	text, err := os.ReadFile(filepath.Join(path, "head.json"))
	if err != nil {
		return nil, errForeign
	}
	var h head
	switch err := json.Unmarshal(text, &h); {
	case err != nil || h.Format < 1:
		return nil, errForeign
	case h.Format > format:
		return nil, errNewer
	case h.Platform != platform:
		return nil, errOther
	}
	q := &queue{path: path, logger: logger}
	if q.lock, err = lockFolder(path); err != nil {
		return nil, err
	}
	if err := q.open(); err != nil {
		_ = q.lock.Close()
		return nil, err
	}
	return q, nil
}

// lockFolder locks a folder for this process, until the file is closed or the process ends.
func lockFolder(path string) (*os.File, error) {
	name := filepath.Join(path, "lock")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, errLocked
	}
	// Who had it may have removed the folder before the lock was free.
	mine, err := file.Stat()
	there, gone := os.Stat(name)
	if err != nil || gone != nil || !os.SameFile(mine, there) {
		_ = file.Close()
		return nil, errLocked
	}
	return file, nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// checkWritable writes and removes a small file.
func checkWritable(dir string) error {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	_, writeErr := file.Write(make([]byte, 4096))
	return errors.Join(writeErr, file.Sync(), file.Close(), os.Remove(file.Name()))
}

// listFolders returns the paths of the queues in a folder, oldest first, and of what else is there.
func listFolders(dir string) (queues, strange []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("listing the spool: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir() && queueName.MatchString(e.Name()):
			queues = append(queues, path)
		case e.IsDir() && strings.HasPrefix(e.Name(), newPrefix):
			removeUnfinished(path, e)
		case !strings.HasPrefix(e.Name(), ".probe-"):
			strange = append(strange, path)
		}
	}
	return queues, strange, nil
}

// removeUnfinished removes a folder whose maker died before it was finished: there is nothing in it.
func removeUnfinished(path string, entry os.DirEntry) {
	if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > time.Minute {
		_ = os.RemoveAll(path) // tried again at the next look
	}
}
