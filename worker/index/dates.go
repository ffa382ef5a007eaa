package index

import (
	"strconv"
	"time"
)

// This file is how far the dates of others are believed. A date orders what was told, so one that lies in the future
// would outweigh everything that comes until then. A message cannot be dated later than it arrives, but two clocks may
// differ a little: a date that is later than the arrival by more than maxFuture counts as the arrival. Whether it is,
// says Redis's clock, which all receivers and workers share, so a host whose own clock is wrong disturbs nothing.
//
// What arrived with such a date came after everything that is there. What follows it may be dated up to maxFuture
// earlier and still be the newer, since its date is by the sender's clock and the arrival by ours.

// maxFuture is how much later than its arrival the date of a message may be, in milliseconds, as the scripts want it.
const maxFuture = "60000"

// redisNow is Redis's clock in milliseconds: those of several workers differ.
const redisNow = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

// dateWords is the start of the scripts that compare dates.
//
//	dated  of the date of a message, in ms ('' it has none): the date that counts, whether that is the arrival, and by how
//	       many ms its own was in the future
//	known  of a stored date (guessed: it was an arrival): the date that a newer one has to reach; nil: any is newer, as
//	       where an earlier release stored a date that lies in the future
//	newer  of what dated returned and what is stored: whether it is newer, and the date to store then
const dateWords = redisNow + `
local function dated(text)
  local date = tonumber(text)
  if not date then return now, true, 0 end
  if date > now + ` + maxFuture + ` then return now, true, date - now end
  return date, false, 0
end
local function known(text, guessed)
  local date = tonumber(text or '')
  if not date or date > now + ` + maxFuture + ` then return nil end
  if guessed then return date - ` + maxFuture + ` end
  return date
end
local function newer(date, arrival, text, guessed)
  local before = known(text, guessed)
  if before and arrival then return true, math.max(date, before) end
  return not before or before <= date, date
end
`

// dateText is a date as the scripts want it; "" where there is none.
func dateText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// reportFuture tells of a date that lay in the future by so many milliseconds.
func (x *Index) reportFuture(organization string, by any) {
	if ms := decodeNumber(by); ms > 0 && x.OnFutureDate != nil {
		x.OnFutureDate(organization, time.Duration(ms)*time.Millisecond)
	}
}
