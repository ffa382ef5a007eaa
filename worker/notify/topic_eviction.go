package notify

// evictionTopic tells that Redis may throw away what it was told.
func evictionTopic() topic {
	return topic{key: "eviction", shared: true, gather: (*Alerts).gatherMemory, news: condition{
		diff:    func(n *diff) standing { return lastsWhile(n.memory.EvictionPolicy != "") },
		text:    (*diff).evictsText,
		endText: fixedText("Redis keeps what it is told: its maxmemory-policy is noeviction"),
	}}
}

// evictsText says that Redis may throw away what it was told.
func (n *diff) evictsText() Message {
	return n.message("Redis may throw away what the worker knows: its maxmemory-policy is "+n.memory.EvictionPolicy,
		"When its memory runs short it drops keys unasked. A lease that it dropped lets two work at one order; a record that it dropped is an order nobody looks after.",
		"Set it at once, and in Redis's own configuration too: redis-cli CONFIG SET maxmemory-policy noeviction")
}
