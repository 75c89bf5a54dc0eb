abiscope call --lang go 'func (t T) F(a int, s string, x any) (int, error)' -e 'type T struct { a int8; b float64 }' --frame
