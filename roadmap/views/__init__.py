"""What do the pages of the roadmap show?"""
