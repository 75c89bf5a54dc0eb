# The import table is cut off: that is damage, not a program without imports.
abiscope inspect --only linkage fixtures/pe/truncated.exe
