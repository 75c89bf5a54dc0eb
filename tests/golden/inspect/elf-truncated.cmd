# Half a download.
abiscope inspect fixtures/elf/truncated
