# Tags and comments move with their fields. What is given by position somewhere in the package stays.
cat > a.go <<'END'
package a

type Event struct {
	Done bool `json:"done"` // at last
	// When it was.
	Time int64
	Kind, State uint8
	Name        string
}

type Pair struct {
	ok    bool
	value int64
	last  bool
}

type Shared struct {
	_ structs.HostLayout
	a bool
	b int64
	c bool
}
END
cat > b.go <<'END'
package a

var pairs = []Pair{{true, 1, false}}
END
abiscope layout --fix a.go --abi go-amd64
