"""What does a playbook say, when is each step due, and did it help?"""
