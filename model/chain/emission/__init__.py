"""Where new TAO and alpha come from and who gets them: issuance, subnet shares, coinbase, split."""
