cat > types.go <<'END'
package p

import "sync/atomic"

type Event struct {
	ready bool
	id    int64
	name  string
	kind  Kind
	hits  atomic.Int64
	Header
	done  struct{}
}
type Kind uint16
type Header struct {
	next *Event
	tags [NTags]uint8
}
END
cat > tags.go <<'END'
package p

const NTags = 1 << 2 + 1
END
abiscope layout types.go
