# Everything that is no program is named for what it is.
cd fixtures/other
abiscope inspect --brief script script-with-returns text empty bitcode module.wasm Main.class text.gz text.xz text.zst text.zip data
