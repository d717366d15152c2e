"""By what can lists be narrowed and sorted, on pages and in the API alike?"""
