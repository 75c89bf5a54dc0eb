# Paths from a list, comments and blank lines left out.
printf '# programs\nfixtures/elf/static\n\nfixtures/elf/go-program\nfixtures/elf/static-pie\nfixtures/elf/core\nfixtures/other/text\n' > list
abiscope inspect --brief @list
