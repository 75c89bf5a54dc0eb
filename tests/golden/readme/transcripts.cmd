# Every transcript of README.md is what the program prints. `make goldens` does not rewrite them: run check_transcripts.py --write.
python3 case/check_transcripts.py
