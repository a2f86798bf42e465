"""The authors' language at work: steps and rules drive the kernel. Nothing here needs to be trusted:
whatever a driver does, a theorem is made by the kernel's inferences or not at all.
"""
