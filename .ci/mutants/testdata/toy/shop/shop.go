// Package shop has one of each thing that can be changed.
package shop

import (
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"
)

// Kept is how long a parcel is kept.
const Kept = 2 * time.Hour

//go:embed lua/*.lua
var lua embed.FS

var script = newScript(lua, "keep.lua")

// A script runs elsewhere.
func newScript(files fs.FS, name string) string {
	text, _ := fs.ReadFile(files, "lua/"+name)
	shared, _ := fs.ReadFile(files, "lua/now.lua")
	return string(shared) + string(text)
}

// Parcel is what is kept.
type Parcel struct {
	ID    string
	Lost  bool
	Units int
}

// Keep says whether a parcel is kept, and what of it.
func Keep(p Parcel, age time.Duration, log *slog.Logger) (Parcel, error) {
	if p.ID == "" {
		return p, errors.New("there is no parcel")
	}
	if p.Lost || age > Kept {
		log.Info("not kept")
		return Parcel{}, nil
	}
	if age < 0 {
		log.Warn("a clock is wrong")
	}
	p.Units = min(p.Units, 9) + 1
	return Parcel{ID: p.ID, Units: p.Units}, nil
}

// Size is a word for a number of units.
func Size(units int) string {
	switch units {
	case 1:
		return "one"
	case 2, 3:
		return "few"
	}
	return "many"
}

// Text is the script.
func Text() string { return script }
