package index

// What the tests look at behind the index.
const (
	MatureAfter = matureAfter
	SeenFor     = seenFor
)

// EntryKey, SeenKey, PlacesKey, SlugsKey and ImportedKey are where Redis has what they name.
func EntryKey(organization, id string) string      { return keys(organization).entry(id) }
func SeenKey(organization, message string) string  { return keys(organization).seen(message) }
func PlacesKey(organization string) string         { return keys(organization).locations() }
func SlugsKey(organization string) string          { return keys(organization).slugs() }
func ImportedKey(organization, list string) string { return keys(organization).imported(list) }
