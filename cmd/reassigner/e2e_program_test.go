package main

import (
	"flag"
	"os"
	"testing"
)

// asProgram, set in the environment of the test binary, makes it the program itself: what a test starts
// as a process is what main does.
const asProgram = "REASSIGNER_TEST_AS_PROGRAM"

// testsAtOnce is how many tests run at the same time: most of them wait for the clock, not for a core.
const testsAtOnce = "8"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
	}
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", testsAtOnce); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
