package app

import "runtime/debug"

// release is set by the linker when a release is built.
var release = ""

// Version is the release, else the commit it was built from.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	const digits = 12
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= digits {
			return "commit " + s.Value[:digits]
		}
	}
	return "development"
}
