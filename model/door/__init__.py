"""The page's door as it travels in the package: app.py and its settings are links to those at the top of the checkout.

They have a folder of their own because Streamlit puts the folder of what it runs in front of all import paths.
"""
