# Nothing by that name: no. An address that is none: usage.
abiscope go --function nothing fixtures/elf/go-tables || echo $?; abiscope go --at main.main fixtures/elf/go-tables || echo $?
