"""How do people work with playbooks?"""
