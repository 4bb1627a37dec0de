"""The published retention guarantee of the consensus, measured on the chain's own kernels."""
