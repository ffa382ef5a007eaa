package ledger

// StockKey is where Redis has the stock of a SKU at a location, for tests that look behind the ledger.
func StockKey(organization, location, sku string) string {
	return keys(organization).stock(location, sku)
}
