abiscope abi list
abiscope abi list 'sysv-*' --names
