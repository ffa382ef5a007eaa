package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// picturesVariable names the folder that the pictures of the README are renewed in; without it they stay as they are.
const picturesVariable = "REASSIGNER_PICTURES"

// pictured are the pages that the README shows, and what their pictures are called there.
var pictured = map[string]string{"incident": "console"}

// pictureHeight is how much of a page its picture shows, from the top, in pixels.
const pictureHeight = 1172

// renewPicture takes the README's picture of the page that is open, if it has one and was asked for.
func (b *browser) renewPicture(name, scheme string) {
	b.t.Helper()
	dir := os.Getenv(picturesVariable)
	if dir == "" || pictured[name] == "" {
		return
	}
	var picture []byte
	b.do("taking the README's picture of "+name, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		clip := &page.Viewport{Width: float64(looks[0].width), Height: pictureHeight, Scale: 1}
		picture, err = page.CaptureScreenshot().WithClip(clip).WithCaptureBeyondViewport(true).WithOptimizeForSpeed(false).Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(dir, pictured[name]+"-"+scheme+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
