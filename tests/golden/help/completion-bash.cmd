abiscope completion bash > script
bash -n script
cat script
