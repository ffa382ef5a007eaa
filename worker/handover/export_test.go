package handover

// StepNames are the rows of the step table.
func StepNames() []string {
	var names []string
	for _, s := range stepTable() {
		names = append(names, s.name)
	}
	return names
}

// KeptViews is how many views of originals are kept.
func (h *Handover) KeptViews() int { return h.originals.read.Len() }
