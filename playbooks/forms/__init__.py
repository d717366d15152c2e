"""What does a person fill in about playbooks?"""
