"""phasegate: may this release go live?"""

__version__ = "0.1.0"
