"""By what can playbooks and what belongs to them be narrowed?"""
