"""Which pages do playbooks, runs and tasks have?"""
