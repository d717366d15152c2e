"""Which shapes do playbooks and what belongs to them have in the API?"""
