"""What only development needs: the local AWS, the demo, the proof, the benchmarks. Never shipped."""
