"""The drill: synthetic people and faxes with their truth, a simulated e-RS with faults. Imports no reader and no e-RS client."""
