"""What is known of playbooks, their runs and their work?"""
