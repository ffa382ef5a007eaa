package app

import "runtime/debug"

// release is set by the linker in a release build.
var release = ""

// Version returns the release, or else the commit that was built.
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
