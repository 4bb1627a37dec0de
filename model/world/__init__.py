"""What is: who takes part, the state between two epochs, the rules in force, and how money moves between accounts."""
