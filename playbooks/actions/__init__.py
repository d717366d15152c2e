"""What starts, moves and ends playbooks and their tasks?"""
